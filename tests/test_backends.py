"""What computes makes no difference, or a small one: packed layers, ONNX Runtime, 8 bits."""

import shutil

import numpy as np
import polars as pl
import pytest
import torch

from framing.build_model import build_model
from framing.core.errors import FramingError
from framing.models import forward as forward_module
from framing.models import onnx_backend, rounding
from framing.models.encoder import batches_by_length, padded
from framing.models.folder import load_model, save_model
from framing.models.forward import PackedLinear, TorchForward
from framing.prediction import open_labeller
from tests.conftest import make_codebook, make_rows
from tests.test_data import load
from tests.test_models import small

TEXTS = [row["text"] for row in make_rows(per_source=12)] + ["red", "navy sky " * 25]


@pytest.fixture
def saved(write, composed, small_encoder, tmp_path):
    """Fit a small model of a kind, save it and return its folder."""

    def save(kind):
        codebook = make_codebook()
        corpus = load(write(make_rows()), codebook).corpus
        model = build_model(composed(f"model={kind}", *small(kind, small_encoder)).model).fit(corpus)
        save_model(model, codebook, tmp_path / kind)
        return tmp_path / kind

    return save


def predicted(folder, backend):
    return pl.DataFrame(open_labeller(folder, backend, None, "").added(TEXTS, [""] * len(TEXTS)))


@pytest.mark.parametrize("kind", ["transformer", "ensemble"])
def test_backends_agree(saved, kind):
    folder = saved(kind)
    made = {backend: predicted(folder, backend) for backend in ("torch", "onnx", "onnx-int8")}
    numbers = [name for name in made["torch"].columns if name.startswith("p_")]
    exact = made["torch"].select(numbers).to_numpy()
    assert np.abs(made["onnx"].select(numbers).to_numpy() - exact).max() < 1e-4
    assert np.abs(made["onnx-int8"].select(numbers).to_numpy() - exact).max() < 0.05
    assert made["onnx"].select("frames", "voice").equals(made["torch"].select("frames", "voice"))


def test_an_export_is_kept_and_an_interrupted_one_leaves_nothing(saved, monkeypatch):
    folder = saved("transformer")

    def interrupted(*_):
        raise KeyboardInterrupt

    def export():
        predicted(folder, "onnx")
        return [(path.name, path.stat().st_mtime_ns) for path in (folder / "onnx").iterdir()]

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(onnx_backend, "_check", interrupted)
        export()
    assert list((folder / "onnx").iterdir()) == []
    with monkeypatch.context() as patched, pytest.raises(FramingError, match="off those of torch"):
        patched.setattr(onnx_backend, "TOLERANCE", -1)
        export()
    first = export()
    assert len(first) == 1
    assert export() == first
    load_model(folder)  # what lies beside the model does not make it another model
    (folder / "onnx" / first[0][0]).write_bytes(b"torn")
    with pytest.raises(FramingError, match="Remove the file"):
        export()


def test_other_weights_are_another_export(saved, composed, small_encoder, write, tmp_path):
    folder = saved("transformer")
    predicted(folder, "onnx")
    shutil.copytree(folder / "onnx", tmp_path / "kept")
    more = composed("model=transformer", *small("transformer", small_encoder), "model.epochs=3").model
    corpus = load(write(make_rows())).corpus
    save_model(build_model(more).fit(corpus), corpus.codebook, tmp_path / "other")
    shutil.copytree(tmp_path / "kept", tmp_path / "other" / "onnx")
    predicted(tmp_path / "other", "onnx")
    assert len(list((tmp_path / "other" / "onnx").iterdir())) == 2


@pytest.mark.parametrize("backend", ["onnx", "onnx-int8"])
def test_a_model_without_a_network_is_refused(saved, backend):
    with pytest.raises(FramingError, match=rf"backend={backend}: a model of kind majority has no network"):
        open_labeller(saved("majority"), backend, None, "")


def test_a_folder_that_cannot_be_written_is_told(saved):
    folder = saved("transformer")
    (folder / "onnx").write_text("a file in its place")
    with pytest.raises(FramingError, match="copy the model folder to where you may write"):
        predicted(folder, "onnx")


def test_packed_layers_give_the_same_and_share_the_rest(saved, monkeypatch):
    model, _ = load_model(saved("transformer"))
    packed = TorchForward(model.network)
    ids, mask = padded(model.tokenizer(TEXTS), model.tokenizer.padding)
    with monkeypatch.context() as patched:
        patched.setattr(forward_module, "_can_pack", lambda: False)
        plain = TorchForward(model.network)
    assert plain.network is model.network
    assert any(isinstance(module, PackedLinear) for module in packed.network.modules())
    assert not any(isinstance(module, PackedLinear) for module in model.network.modules())
    theirs = model.network.pooled.encoder.embeddings.word_embeddings.weight
    assert packed.network.pooled.encoder.embeddings.word_embeddings.weight is theirs
    assert np.allclose(packed(ids, mask), plain(ids, mask), atol=1e-5)


def test_a_model_that_learns_on_predicts_what_it_learned(saved, write):
    model, codebook = load_model(saved("transformer"))
    corpus = load(write(make_rows(per_source=12)), codebook).corpus
    before = model.predict(corpus.sentences).frames
    model.training = model.training.gentler(3, 30.0)
    after = model.fit(corpus).predict(corpus.sentences).frames
    assert np.abs(after - before).max() > 0.01
    assert model.forward is None


def test_the_first_token_goes_apart_where_it_stands_out():
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 4))

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = layers

        def forward(self, ids, mask):
            states = self.layers[0](torch.ones(*ids.shape, 4))
            states = torch.cat([states[:, :1] * 50, states[:, 1:]], dim=1)
            return self.layers[1](states)

    ids = torch.ones(2, 5, dtype=torch.long)
    network = Network()
    made = rounding.first_token_apart(network, ids, torch.ones_like(ids))
    assert type(made.layers[0]) is torch.nn.Linear
    assert type(made.layers[1]) is rounding.FirstApart
    assert torch.equal(made(ids, None), network(ids, None))
    assert type(network.layers[1]) is torch.nn.Linear


def test_batches_hold_so_many_tokens_and_every_row_once():
    tokens = [[7] * length for length in (3, 40, 5, 5, 1, 12, 3, 200)]
    batches = batches_by_length(tokens, 50)
    assert sorted(row for batch in batches for row in batch) == list(range(8))
    assert batches == [[7], [1], [5, 2, 3, 0], [6, 4]]
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(len(tokens[row]) for row in batch) <= 50
    assert batches_by_length([], 50) == []
