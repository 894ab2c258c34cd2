"""`python -m framing.seeds`: cut the seed documents into sentences again, as `seeds/sentences.jsonl`."""

import json
import sys

from framing.core.config import PROJECT
from framing.core.errors import FramingError


def main() -> None:
    """Segment the seed documents and write the sentences."""
    from framing.data.seeds import seed_sentences

    try:
        records = seed_sentences(PROJECT / "seeds")
    except FramingError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    path = PROJECT / "seeds" / "sentences.jsonl"
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(records)} sentences: {path}")


if __name__ == "__main__":
    main()
