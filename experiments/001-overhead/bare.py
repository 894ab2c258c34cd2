"""The work of one framing run as one bare script: no framework, no Hydra, every setting a constant here.

    python bare.py --store sqlite:////tmp/mlflow.db --artifacts /tmp/artifacts --folder /tmp/run

It reads the seed sentences, leaves out one source at a time, scores TF-IDF with logistic regression
beside two baselines that read no text, compares the lexicon of the sources, fits once more on
everything, and records settings, scores and files in MLflow.
"""

import argparse
import csv
import hashlib
import json
import os
import time
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param
from safetensors.numpy import save_file
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, precision_recall_fscore_support
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion
from threadpoolctl import threadpool_limits

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
SENTENCES, LABELS = SEEDS / "sentences.jsonl", SEEDS / "labels" / "adjudicated.jsonl"
FRAMES = [
    "liberation", "capture", "occupation", "defensive_justification",
    "advantage", "resistance", "civilian_harm", "discrediting",
]  # fmt: skip
VOICES = ["asserted", "attributed", "contested"]
EXCLUDED_KINDS = ["boilerplate", "repeat"]
WORD_NGRAMS, CHAR_NGRAMS, MIN_DF = (1, 2), (3, 5), 1
C, CLASS_WEIGHT, MAX_ITER = 1.0, "balanced", 1000
THRESHOLD = 0.5
LEXICON_NGRAMS, PRIOR, MIN_COUNT, SHOWN = (1, 2), 500.0, 3, 12
WORD = r"(?u)\w(?:(?:[\w'-]|(?<=\d)[.,](?=\d))*\w)?"
DPI = 150
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000"]
STYLE = {
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left",
    "axes.titlesize": 11, "font.size": 9, "figure.constrained_layout.use": True,
}  # fmt: skip


# Data: (n, 8) matrix of frames, (n,) voice codes with -1 for none.


def load():
    with LABELS.open(encoding="utf-8") as file:
        labels = {row["id"]: row for row in map(json.loads, file)}
    with SENTENCES.open(encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["kind"] not in EXCLUDED_KINDS]
    frames = np.array([[frame in labels[row["id"]]["frames"] for frame in FRAMES] for row in rows])
    voices = np.array(
        [VOICES.index(labels[row["id"]]["voice"]) if labels[row["id"]]["voice"] else -1 for row in rows]
    )
    return rows, frames, voices


# Models: each returns the probabilities of frames and voices for the test sentences.


def shares(frames, voices):
    counts = np.bincount(voices[voices >= 0], minlength=len(VOICES))
    return frames.mean(axis=0), counts / counts.sum()


def fit_tfidf(texts, frames, voices):
    features = FeatureUnion(
        [
            (name, TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams, min_df=MIN_DF, sublinear_tf=True))
            for name, analyzer, ngrams in (("word", "word", WORD_NGRAMS), ("char", "char_wb", CHAR_NGRAMS))
        ]
    )
    x = features.fit_transform(texts).tocsr()
    learned = np.flatnonzero(frames.any(axis=0) & ~frames.all(axis=0))
    regression = LogisticRegression(C=C, class_weight=CLASS_WEIGHT, max_iter=MAX_ITER)
    with threadpool_limits(limits=1):  # two threads are three times slower here
        frame_model = OneVsRestClassifier(regression).fit(x, frames[:, learned].astype(int))
        voice_model = LogisticRegression(C=C, class_weight=CLASS_WEIGHT, max_iter=MAX_ITER)
        voice_model.fit(x[voices >= 0], voices[voices >= 0])
    return features, learned, frame_model, voice_model


def tfidf(texts, frames, voices, _sources, test):
    train = ~test
    features, learned, frame_model, voice_model = fit_tfidf(texts[train], frames[train], voices[train])
    x = features.transform(texts[test])
    p_frames, p_voices = (np.tile(share, (test.sum(), 1)) for share in shares(frames[train], voices[train]))
    p_frames[:, learned] = frame_model.predict_proba(x)
    p_voices[:, voice_model.classes_] = voice_model.predict_proba(x)
    return p_frames, p_voices


def majority(_texts, frames, voices, _sources, test):
    return tuple(np.tile(share, (test.sum(), 1)) for share in shares(frames[~test], voices[~test]))


def source_only(_texts, frames, voices, sources, test):
    overall = np.concatenate(shares(frames[~test], voices[~test]))
    known = {}
    for source in np.unique(sources[~test]):
        part = ~test & (sources == source)
        own = np.concatenate(shares(frames[part], voices[part]))
        known[source] = (own * part.sum() + overall) / (part.sum() + 1)
    made = np.array([known.get(source, overall) for source in sources[test]])
    return made[:, : len(FRAMES)], made[:, len(FRAMES) :]


# Scores.


def summary(gold, predicted):
    f1 = f1_score(gold, predicted, average=None, zero_division=0)
    return {
        "macro_f1": float(f1[gold.any(axis=0)].mean()),
        "micro_f1": float(f1_score(gold, predicted, average="micro", zero_division=0)),
        "exact_match": float((gold == predicted).all(axis=1).mean()),
    }  # fmt: skip


def frame_rows(gold, predicted, p):
    precision, recall, f1, support = precision_recall_fscore_support(gold, predicted, zero_division=0)
    return [
        {
            "frame": frame, "precision": float(precision[i]), "recall": float(recall[i]), "f1": float(f1[i]),
            "average_precision": float(average_precision_score(gold[:, i], p[:, i])),
            "support": int(support[i]), "predicted": int(predicted[:, i].sum()),
        }
        for i, frame in enumerate(FRAMES)
    ]  # fmt: skip


def source_rows(sources, gold, predicted):
    return [
        {
            "source": source, "sentences": int((sources == source).sum()),
            "frames": int(gold[sources == source].any(axis=0).sum()),
            **summary(gold[sources == source], predicted[sources == source]),
        }
        for source in np.unique(sources)
    ]  # fmt: skip


def voice_rows(voices, p):
    gold, predicted = voices[voices >= 0], p.argmax(axis=1)[voices >= 0]
    codes = range(len(VOICES))
    precision, recall, f1, support = precision_recall_fscore_support(
        gold, predicted, labels=codes, average=None, zero_division=0
    )
    return [
        {
            "voice": VOICES[i], "precision": float(precision[i]), "recall": float(recall[i]),
            "f1": float(f1[i]), "support": int(support[i]), "predicted": int((predicted == i).sum()),
        }
        for i in codes
    ]  # fmt: skip


def model_row(name, gold, predicted, voices, p_voices):
    f1 = [row["f1"] for row in voice_rows(voices, p_voices) if row["support"]]
    return {"model": name, **summary(gold, predicted), "voice_macro_f1": float(np.mean(f1))}


def prediction_rows(rows, sources, gold, predicted, voices, p_frames, p_voices):
    names = np.array(FRAMES)
    return [
        {
            "id": row["id"], "source": row["source"], "article": row["article"], "text": row["text"],
            "fold": sources[i], "frames": ";".join(names[gold[i]]),
            "predicted_frames": ";".join(names[predicted[i]]),
            "voice": VOICES[voices[i]] if voices[i] >= 0 else "",
            "predicted_voice": VOICES[p_voices[i].argmax()],
            **{f"p_{frame}": p for frame, p in zip(FRAMES, p_frames[i].tolist(), strict=True)},
            **{f"p_{voice}": p for voice, p in zip(VOICES, p_voices[i].tolist(), strict=True)},
        }
        for i, row in enumerate(rows)
    ]  # fmt: skip


# Lexicon: log-odds with an informative Dirichlet prior, one source against the rest.


def lexicon_rows(rows, sources):
    vectorizer = CountVectorizer(ngram_range=LEXICON_NGRAMS, token_pattern=WORD, dtype=np.int64)
    by_sentence = vectorizer.fit_transform(row["text"].replace("’", "'") for row in rows).tocsr()
    names = np.unique(sources)
    counts = np.vstack([np.asarray(by_sentence[sources == name].sum(axis=0)) for name in names])
    held = np.vstack([by_sentence[sources == name].getnnz(axis=0) > 0 for name in names])
    terms = vectorizer.get_feature_names_out()
    order = np.array([term.count(" ") for term in terms])
    totals = np.column_stack([counts[:, order == n].sum(axis=1) for n in range(order.max() + 1)])[:, order]
    kept = counts.sum(axis=0) >= MIN_COUNT
    terms, counts, totals, held = terms[kept], counts[:, kept], totals[:, kept], held[:, kept]
    pooled, length = counts.sum(axis=0), totals.sum(axis=0)
    pseudo = PRIOR * pooled / length
    table = []
    for i, name in enumerate(names):
        own, rest, own_length, rest_length = counts[i], pooled - counts[i], totals[i], length - totals[i]
        delta = np.log((own + pseudo) / (own_length + PRIOR - own - pseudo)) - np.log(
            (rest + pseudo) / (rest_length + PRIOR - rest - pseudo)
        )
        error = np.sqrt(1 / (own + pseudo) + 1 / (rest + pseudo))
        bound = np.sign(delta) * np.maximum(0, np.abs(delta) - 1.959964 * error)
        for j in sorted(range(len(terms)), key=lambda j: (-bound[j], -delta[j], terms[j])):
            table.append(
                {
                    "source": name, "term": terms[j], "count": int(own[j]), "count_rest": int(rest[j]),
                    "per_10k": float(1e4 * own[j] / own_length[j]),
                    "per_10k_rest": float(1e4 * rest[j] / rest_length[j]),
                    "documents": int(held[i, j]), "documents_rest": int(held[:, j].sum() - held[i, j]),
                    "log_odds": float(delta[j]), "standard_error": float(error[j]), "bound": float(bound[j]),
                    "p": "", "q": "", "inference": "too few documents",
                }
            )  # fmt: skip
    return table


# Figures.


def draw_label_counts(counts, sources, path):
    figure = Figure(figsize=(8, 0.5 * len(FRAMES) + 1.2))
    axes = figure.subplots()
    left = np.zeros(len(FRAMES))
    for i, source in enumerate(np.unique(sources)):
        axes.barh(FRAMES, counts[i], left=left, label=source, color=COLOURS[i % len(COLOURS)])
        left += counts[i]
    axes.invert_yaxis()
    axes.set(title="Labels by frame and source", xlabel="sentences")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=DPI)


def draw_frame_scores(frames, path):
    y = np.arange(len(frames))
    figure = Figure(figsize=(8, 0.5 * len(frames) + 1.2))
    axes = figure.subplots()
    axes.barh(y, [row["f1"] for row in frames], color=COLOURS[0], height=0.6, label="F1")
    for score, colour, marker in (("precision", COLOURS[1], "D"), ("recall", COLOURS[2], "o")):
        values = [row[score] for row in frames]
        axes.scatter(values, y, color=colour, marker=marker, s=28, zorder=3, label=score)
    labels = [f"{row['frame']}  (n={row['support']})" for row in frames]
    axes.set(title="tfidf by frame", xlabel="score", xlim=(0, 1.02), yticks=y, yticklabels=labels)
    axes.invert_yaxis()
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(path, dpi=DPI)


def draw_lexicon(lexicon, sources, path):
    names = np.unique(sources)
    columns = min(3, len(names))
    lines = -(-len(names) // columns)
    figure = Figure(figsize=(3.6 * columns, 0.24 * SHOWN * lines + 1.1 * lines))
    grid = figure.subplots(lines, columns, squeeze=False).flat
    for axes in grid:
        axes.set_axis_off()
    for axes, name in zip(figure.axes, names, strict=False):
        top = [row for row in lexicon if row["source"] == name and row["log_odds"] > 0][:SHOWN]
        y = np.arange(len(top))
        effect = np.array([row["log_odds"] for row in top])
        error = 1.959964 * np.array([row["standard_error"] for row in top])
        colour = [COLOURS[0] if row["bound"] > 0 else "#9aa5ad" for row in top]
        axes.set_axis_on()
        axes.hlines(y, effect - error, effect + error, colour)
        axes.scatter(effect, y, c=colour, s=18, zorder=3)
        axes.axvline(0, color="#444444", linewidth=0.8)
        labels = [f"{row['term']} ({row['count']}:{row['count_rest']})" for row in top]
        axes.set(title=name, yticks=y, yticklabels=labels, xlabel="log-odds against the rest")
        axes.invert_yaxis()
    title = "Too few documents for inference: effects describe these texts only."
    figure.suptitle(
        f"{title}\nIn brackets: occurrences in the source : in the rest.", fontsize=9, x=0.01, ha="left"
    )
    figure.savefig(path, dpi=DPI)


# Files.


def write_table(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def save_model(folder, fitted, frames, voices):
    features, learned, frame_model, voice_model = fitted
    vectorizers = dict(features.transformer_list)
    vocabulary = {name: part.get_feature_names_out().tolist() for name, part in vectorizers.items()}
    (folder / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    frame_shares, voice_shares = shares(frames, voices)
    tensors = {f"idf.{name}": part.idf_ for name, part in vectorizers.items()} | {
        "frames.shares": frame_shares,
        "frames.weights": np.vstack([part.coef_ for part in frame_model.estimators_]).astype(np.float32),
        "frames.bias": np.concatenate([part.intercept_ for part in frame_model.estimators_]).astype(
            np.float32
        ),
        "voices.shares": voice_shares,
        "voices.weights": voice_model.coef_.astype(np.float32),
        "voices.bias": voice_model.intercept_.astype(np.float32),
    }
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    save_file(tensors, folder / "weights.safetensors")
    state = {"frames": [FRAMES[i] for i in learned], "voices": [VOICES[i] for i in voice_model.classes_]}
    (folder / "model.json").write_text(json.dumps(state, indent=2), encoding="utf-8")


# MLflow.


def parameters(store, artifacts):
    return {
        "name": "bare", "store": store, "artifacts": artifacts, "experiment": "bare", "seeds": SEEDS,
        "sentences": SENTENCES, "labels": LABELS, "exclude_kinds": EXCLUDED_KINDS, "frames": FRAMES,
        "voices": VOICES, "split": "leave_one_source_out", "model": "tfidf", "model.word_ngrams": WORD_NGRAMS,
        "model.char_ngrams": CHAR_NGRAMS, "model.min_df": MIN_DF, "model.sublinear_tf": True, "model.C": C,
        "model.class_weight": CLASS_WEIGHT, "model.max_iter": MAX_ITER, "model.threads": 1,
        "baselines": ["majority", "source_only"], "threshold": THRESHOLD, "lexicon.ngrams": LEXICON_NGRAMS,
        "lexicon.prior": PRIOR, "lexicon.min_count": MIN_COUNT, "lexicon.shown": SHOWN, "lexicon.word": WORD,
        "figures.dpi": DPI, "figures.colours": COLOURS, "figures.style": STYLE,
        "codebook": "territorial_war", "codebook.version": "1.1",
    }  # fmt: skip


def metrics(models, frames, sources, voices):
    values = {}
    for i, row in enumerate(models):
        prefix = f"{row['model']}/" if i else ""
        values |= {prefix + key: value for key, value in row.items() if key != "model"}
    for row in frames:
        values |= {f"{key}/{row['frame']}": value for key, value in row.items() if key != "frame"}
    values |= {f"source_macro_f1/{row['source']}": row["macro_f1"] for row in sources}
    return values | {f"voice_f1/{row['voice']}": row["f1"] for row in voices}


def dataset(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:36]
    return DatasetInput(
        Dataset(path.name, digest, "local", path.as_uri()), [InputTag("mlflow.data.context", "training")]
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", required=True, help="MLflow store, such as sqlite:////tmp/mlflow.db")
    parser.add_argument(
        "--artifacts", required=True, type=Path, help="folder for MLflow's copies of the files"
    )
    parser.add_argument("--folder", required=True, type=Path, help="folder of this run")
    arguments = parser.parse_args()
    folder = arguments.folder
    for part in ("model", "tables", "figures"):
        (folder / part).mkdir(parents=True, exist_ok=True)

    client = MlflowClient(tracking_uri=arguments.store)
    found = client.get_experiment_by_name("bare")
    location = arguments.artifacts.absolute().as_uri()
    experiment = found.experiment_id if found else client.create_experiment("bare", location)
    run_id = client.create_run(experiment, run_name="bare").info.run_id
    logged = parameters(arguments.store, arguments.artifacts)
    client.log_batch(run_id, params=[Param(key, str(value)) for key, value in logged.items()])
    client.log_inputs(run_id, [dataset(SENTENCES), dataset(LABELS)])

    rows, gold, voices = load()
    texts = np.array([row["text"] for row in rows], dtype=object)
    sources = np.array([row["source"] for row in rows])

    predictions = {}
    for model in (tfidf, majority, source_only):
        p_frames, p_voices = np.zeros(gold.shape), np.zeros((len(rows), len(VOICES)))
        for source in np.unique(sources):
            test = sources == source
            p_frames[test], p_voices[test] = model(texts, gold, voices, sources, test)
        predictions[model.__name__] = (p_frames, p_voices)

    p_frames, p_voices = predictions["tfidf"]
    predicted = p_frames >= THRESHOLD
    models = [model_row(name, gold, p >= THRESHOLD, voices, pv) for name, (p, pv) in predictions.items()]
    by_frame = frame_rows(gold, predicted, p_frames)
    by_source = source_rows(sources, gold, predicted)
    by_voice = voice_rows(voices, p_voices)
    lexicon = lexicon_rows(rows, sources)
    counts = np.array([gold[sources == source].sum(axis=0) for source in np.unique(sources)])
    tables = {
        "models": models, "frames": by_frame, "sources": by_source, "voices": by_voice, "lexicon": lexicon,
        "label_counts": [
            {"source": source, "frame": frame, "sentences": int(counts[i, j])}
            for i, source in enumerate(np.unique(sources)) for j, frame in enumerate(FRAMES)
        ],
        "predictions": prediction_rows(rows, sources, gold, predicted, voices, p_frames, p_voices),
    }  # fmt: skip

    save_model(folder / "model", fit_tfidf(texts, gold, voices), gold, voices)
    for name, table in tables.items():
        write_table(folder / "tables" / f"{name}.csv", table)
    with mpl.rc_context(STYLE):
        draw_label_counts(counts, sources, folder / "figures" / "label_counts.png")
        draw_frame_scores(by_frame, folder / "figures" / "frame_scores.png")
        draw_lexicon(lexicon, sources, folder / "figures" / "lexicon.png")

    now = time.time_ns() // 1_000_000
    values = metrics(models, by_frame, by_source, by_voice)
    client.log_batch(run_id, metrics=[Metric(key, float(value), now, 0) for key, value in values.items()])
    client.log_artifacts(run_id, str(folder))
    client.set_terminated(run_id)

    for row in by_frame:
        print("{frame:<25} P {precision:.2f}  R {recall:.2f}  F1 {f1:.2f}  n {support}".format(**row))
    for row in models:
        print("{model:<12} macro F1 {macro_f1:.2f}  micro F1 {micro_f1:.2f}".format(**row))


if __name__ == "__main__":
    main()
