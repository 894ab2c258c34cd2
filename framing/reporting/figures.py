"""Figures, each made from one table. Colours are those of Okabe & Ito, told apart by all readers."""

from typing import Any

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
STYLE: dict[Any, Any] = {
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left",
    "axes.titlesize": 11, "font.size": 9, "figure.constrained_layout.use": True, "svg.hashsalt": "framing",
    "text.parse_math": False,
}  # fmt: skip


def label_counts_figure(label_counts: pl.DataFrame) -> Figure:
    """Draw how many sentences of each source have each frame.

    Args:
        label_counts: `source`, `frame`, `sentences`, in the order to be drawn.
    """
    frames = label_counts["frame"].unique(maintain_order=True).to_list()
    sources = label_counts["source"].unique(maintain_order=True).to_list()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 0.5 * len(frames) + 1.2))
        axes = figure.subplots()
        left = np.zeros(len(frames))
        for number, source in enumerate(sources):
            part = label_counts.filter(pl.col("source") == source)
            counts = dict(zip(part["frame"], part["sentences"], strict=True))
            widths = np.array([counts.get(frame, 0) for frame in frames], dtype=float)
            axes.barh(frames, widths, left=left, label=source, color=COLOURS[number % len(COLOURS)])
            left += widths
        axes.invert_yaxis()
        axes.set(title="Labels by frame and source", xlabel="sentences")
        axes.legend(frameon=False, fontsize=8)
    return figure


def frame_voices_figure(frame_voices: pl.DataFrame) -> Figure:
    """Draw how many sentences have each frame, divided by voice.

    Args:
        frame_voices: `frame`, `voice`, `sentences`, in the order to be drawn.
    """
    frames = frame_voices["frame"].unique(maintain_order=True).to_list()
    voices = frame_voices["voice"].unique(maintain_order=True).to_list()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 0.5 * len(frames) + 1.2))
        axes = figure.subplots()
        left = np.zeros(len(frames))
        narrow = 0.04 * max(frame_voices.group_by("frame").agg(pl.sum("sentences"))["sentences"])
        for number, voice in enumerate(voices):
            counts = frame_voices.filter(pl.col("voice") == voice)["sentences"].to_numpy()
            colour = COLOURS[number % len(COLOURS)]
            bars = axes.barh(frames, counts, left=left, label=voice, color=colour, height=0.7)
            ink = "white" if colour in (COLOURS[0], COLOURS[7]) else "black"
            labels = [str(count) if count > narrow else "" for count in counts]
            axes.bar_label(bars, labels, label_type="center", color=ink, fontsize=8)
            left += counts
        axes.invert_yaxis()
        axes.set(title="Sentences by frame and voice", xlabel="sentences")
        axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure
