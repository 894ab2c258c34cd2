"""Tasks and labelling configuration for Label Studio.

A task's `data` has the sentence's id under `sentence`, not `id`: Label Studio's JSON-MIN export writes its
own number under `id`. The names of the choices are `frames` and `voice`, so `data` has neither.
"""

from typing import Any
from xml.etree import ElementTree

from framing.core.codebook import Codebook
from framing.core.corpus import frame_lists
from framing.data.candidates import Candidates, blind_id
from framing.models.interface import Prediction

TEXT, FRAMES, VOICE = "text", "frames", "voice"


def labelling_config(codebook: Codebook) -> str:
    """Return the labelling interface of a codebook as Label Studio's XML.

    The definitions stand as hints on the choices and, since not every installation shows hints, in a
    panel that opens below them.
    """
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value=f"{codebook.title}: {codebook.unit}")
    ElementTree.SubElement(view, "Text", name=TEXT, value=f"${TEXT}")
    single = {"choice": "single", "required": "true", "requiredMessage": "Choose one frame."}
    frames = _choices(view, FRAMES, **(single if codebook.single_label else {"choice": "multiple"}))
    for frame in codebook.frames:
        ElementTree.SubElement(frames, "Choice", value=frame.id, hint=frame.definition)
    if codebook.voices:
        voices = _choices(
            view, VOICE, choice="single", visibleWhen="choice-selected", whenTagName=FRAMES,
            required="true", requiredMessage="Choose the voice.",
        )  # fmt: skip
        for voice in codebook.voices:
            ElementTree.SubElement(voices, "Choice", value=voice.id, hint=voice.definition)
    panel = ElementTree.SubElement(ElementTree.SubElement(view, "Collapse"), "Panel", value="Codebook")
    for line in _codebook_lines(codebook):
        ElementTree.SubElement(panel, "Header", size="6", value=line)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def tasks(
    candidates: Candidates,
    *,
    blind: bool,
    prediction: Prediction | None,
    threshold: float,
    reasons: list[str] | None,
) -> list[dict[str, Any]]:
    """Return one task a sentence, in the order of the candidates.

    Args:
        candidates: n sentences.
        blind: give the text and a blind id only.
        prediction: of a model for the n sentences, to begin from; None for none.
        threshold: a frame is predicted from this probability on.
        reasons: why each sentence is to be labelled; None to leave it out.
    """
    made = [{"data": _data(row, blind=blind)} for row in candidates.table.iter_rows(named=True)]
    if reasons is not None:
        for task, reason in zip(made, reasons, strict=True):
            task["data"]["reason"] = reason
    if prediction is not None:
        results = predictions(candidates.codebook, prediction, threshold)
        return [task | {"predictions": [result]} for task, result in zip(made, results, strict=True)]
    return made


def predictions(codebook: Codebook, prediction: Prediction, threshold: float) -> list[dict[str, Any]]:
    """Return a model's labels as Label Studio's `predictions`, one a sentence.

    The score of the frames is the probability that the least certain of them is right, that of the voice
    its probability; the score of the whole is the smaller one.
    """
    labels = prediction.frame_labels(codebook, threshold)
    frames = frame_lists(codebook, labels)
    voices = prediction.voice_labels()
    made = []
    for row, chosen in enumerate(frames):
        certain = prediction.frames[row].copy()
        certain[~labels[row]] = 1 - certain[~labels[row]]
        score = float(certain.min())
        result = [_result(FRAMES, chosen, score)] if chosen else []
        if chosen and codebook.voices:
            probability = float(prediction.voices[row].max())
            result.append(_result(VOICE, [codebook.voice_ids[voices[row]]], probability))
            score = min(score, probability)
        made.append({"model_version": "framing", "score": round(score, 4), "result": result})
    return made


def _choices(view: ElementTree.Element, name: str, **settings: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        view, "Choices", {"name": name, "toName": TEXT, "showInline": "false", **settings}
    )


def _codebook_lines(codebook: Codebook) -> list[str]:
    lines = [codebook.introduction] if codebook.introduction else []
    for frame in codebook.frames:
        typical = f" Typical: {frame.typical}." if frame.typical else ""
        not_this = f" Not this: {frame.not_this}." if frame.not_this else ""
        lines.append(f"{frame.id}: {frame.definition}{typical}{not_this}")
    lines += [f"{voice.id}: {voice.definition}" for voice in codebook.voices]
    lines += [codebook.voice_rule] if codebook.voice_rule else []
    return lines + [f"{rule.title}: {rule.text}" for rule in codebook.rules]


def _data(row: dict[str, Any], *, blind: bool) -> dict[str, Any]:
    if blind:
        return {"sentence": blind_id(row["id"]), TEXT: row["text"]}
    earlier = {} if row["frames"] is None else {
        "earlier_frames": ";".join(row["frames"]), "earlier_voice": row["voice"] or ""
    }  # fmt: skip
    return {
        "sentence": row["id"], TEXT: row["text"], "source": row["source"], "article": row["article"],
        "kind": row["kind"], **earlier,
    }  # fmt: skip


def _result(name: str, choices: list[str], score: float) -> dict[str, Any]:
    return {
        "id": name, "from_name": name, "to_name": TEXT, "type": "choices",
        "value": {"choices": choices}, "score": round(score, 4),
    }  # fmt: skip
