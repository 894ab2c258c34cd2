"""Measure one peer: the time of each stage and the largest memory, printed as one line of JSON.

    PYTHON experiments/010-lexicon-speed/peers.py peer=NAME sentences=FILE [unit=article]

PYTHON is that of the peer's own environment (environments.py), so this file imports nothing of the project.
Each peer is used as its own documentation shows, with words and pairs of words. `unit` says what is a row
for the peer: an article (its sentences joined; pairs then also cross the ends of sentences), or a sentence.
Imports and the reading of the file are not timed.
"""

import json
import platform
import resource
import sys
import time
import warnings
from dataclasses import dataclass
from importlib.metadata import version

MIN_DOCUMENTS = 3
NGRAMS = (1, 2)
PRIOR_SCALE = 6
"""Of Scattertext's log-odds ratio with an informative prior: the value of its own example."""

PICTURES = ("html", "graph")
"""Stages that are told apart: the time and memory of a peer are those before them."""


@dataclass(frozen=True)
class Material:
    """The texts, the source of each, and the largest source."""

    texts: list
    sources: list
    largest: str


class Stages:
    """How long each stage took, and what it showed."""

    def __init__(self):
        self.seconds, self.peak_mb, self.shown = {}, {}, {}
        self.before_mb = peak_mb()
        self.last = time.perf_counter()

    def end(self, name, **shown):
        """Note the end of a stage, and the largest memory so far."""
        now = time.perf_counter()
        self.seconds[name] = round(now - self.last, 3)
        self.peak_mb[name] = peak_mb()
        self.shown |= shown
        self.last = time.perf_counter()


def peak_mb():
    """Return the largest resident memory of this process so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main():
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    peer, unit = options["peer"], options.get("unit", "article")
    warnings.filterwarnings("ignore")
    stages = PEERS[peer](read(options["sentences"], unit))
    packages = {"scikit-learn", "numpy", "scipy", "pandas", peer.split("-")[0]}
    work = [name for name in stages.seconds if name not in PICTURES]
    row = {
        "before_mb": stages.before_mb,
        "seconds": round(sum(stages.seconds[name] for name in work), 3),
        "peak_mb": stages.peak_mb[work[-1]],
        "stages": stages.seconds,
        "stages_peak_mb": stages.peak_mb,
        "shown": stages.shown,
        "versions": {name: version(name) for name in sorted(packages)}
        | {"python": platform.python_version()},
    }
    print(json.dumps(row))


def read(path, unit):
    """Return the rows."""
    import pyarrow.parquet as pq

    frame = pq.read_table(path, columns=["text", "source", "article"]).to_pandas()
    largest = frame["source"].value_counts().index[0]
    if unit == "article":
        frame = frame.groupby("article", sort=False).agg({"text": " ".join, "source": "first"})
    return Material(frame["text"].tolist(), frame["source"].tolist(), largest)


def scattertext(material):
    """Scattertext through scikit-learn: every source against the rest, by two of its scores."""
    return score_scattertext(material)[0]


def scattertext_html(material):
    """The same, and then its HTML page of one source against the rest."""
    import scattertext as st

    stages, corpus = score_scattertext(material)
    page = st.produce_scattertext_explorer(
        corpus,
        category=material.largest,
        category_name=material.largest,
        not_category_name="the rest",
        minimum_term_frequency=MIN_DOCUMENTS,
        width_in_pixels=1000,
    )
    stages.end("html", html_mb=round(len(page.encode()) / 1e6, 1))
    return stages


def score_scattertext(material, min_documents=MIN_DOCUMENTS):
    import numpy as np
    import scattertext as st
    from sklearn.feature_extraction.text import CountVectorizer

    stages = Stages()
    names = sorted(set(material.sources))
    place = {name: number for number, name in enumerate(names)}
    vectorizer = CountVectorizer(ngram_range=NGRAMS, min_df=min_documents)
    counts = vectorizer.fit_transform(material.texts)
    stages.end("count", terms=counts.shape[1])
    corpus = st.CorpusFromScikit(
        X=counts,
        y=np.array([place[source] for source in material.sources]),
        feature_vocabulary=vectorizer.vocabulary_,
        category_names=names,
        raw_texts=material.texts,
    ).build()
    stages.end("corpus")
    table = corpus.get_term_freq_df()
    priors = st.PriorFactory(corpus, starting_count=0.01).use_all_categories().get_priors()
    for name in names:
        table[f"{name} scaled F"] = corpus.get_scaled_f_scores(name)
        scorer = st.LogOddsRatioInformativePriorScorer(corpus, prior_counts=priors, prior_scale=PRIOR_SCALE)
        table[f"{name} log-odds"] = scorer.set_categories(name).get_scores()
    stages.end("scores", comparisons=len(names))
    return stages, corpus


def scattertext_unpruned(material):
    """The same with the vectorizer as Scattertext's example has it: no term is left out before the scores."""
    return score_scattertext(material, min_documents=1)[0]


def scattertext_all(material):
    """The same, and then what else Scattertext has of our measures: all pairs too."""
    import numpy as np
    import scattertext as st

    stages, corpus = score_scattertext(material)
    names = sorted(set(material.sources))
    rest = [(name, [other for other in names if other != name]) for name in names]
    pairs = [(one, [other]) for place, one in enumerate(names) for other in names[place + 1 :]]
    priors = st.PriorFactory(corpus, starting_count=0.01).use_all_categories().get_priors()
    tables = []
    for one, others in rest + pairs:
        log_odds = st.LogOddsRatioInformativePriorScorer(corpus, prior_counts=priors, prior_scale=PRIOR_SCALE)
        divergence = st.DeltaJSDivergenceScorer(corpus)
        tables.append(
            {
                "log-odds": log_odds.set_categories(one, others).get_scores(),
                "G2": st.G2(corpus, alpha=0.05).set_categories(one, others).get_score_df(),
                "simple maths": st.SimpleMaths(corpus).set_categories(one, others).get_scores(),
                "divergence": divergence.set_categories(one, others).get_scores(),
                "over documents": st.HedgesG(corpus).set_categories(one, others).get_score_df("fdr_bh"),
            }
        )
    for one, others in rest:  # LRC refuses terms that neither side of a pair has
        tables.append({"log ratio": st.LRC(corpus).set_categories(one, others).get_scores()})
    stages.end("more scores", comparisons=len(rest + pairs))
    matrix, source_of = corpus.get_term_doc_mat(), np.array(material.sources)
    for name in names:  # its own get_category_dispersion fails on a corpus from scikit-learn
        spread = st.Dispersion(term_doc_mat=matrix[source_of == name])
        tables.append({"range": spread.dispersion_range(), "DP": spread.dp()})
    stages.end("dispersion")
    return stages


def convokit(material):
    """ConvoKit's FightingWords, with its own vectorizer: one source against the rest."""
    from convokit import Corpus, Speaker, Utterance
    from convokit.fighting_words import FightingWords

    stages = Stages()
    speakers = {name: Speaker(id=name) for name in sorted(set(material.sources))}
    corpus = Corpus(
        utterances=[
            Utterance(id=str(row), speaker=speakers[source], conversation_id=str(row), text=text)
            for row, (text, source) in enumerate(zip(material.texts, material.sources, strict=True))
        ]
    )
    stages.end("corpus")
    words = FightingWords(ngram_range=NGRAMS)
    words.fit(
        corpus,
        class1_func=lambda utterance: utterance.speaker.id == material.largest,
        class2_func=lambda utterance: utterance.speaker.id != material.largest,
    )
    table = words.get_ngram_zscores(class1_name=material.largest, class2_name="the rest")
    stages.end("scores", terms=len(table), comparisons=1)
    return stages


def shifterator(material):
    """shifterator's Jensen-Shannon shift: one source against the rest, and its graph."""
    import collections
    import collections.abc

    import matplotlib as mpl
    import numpy as np

    collections.Mapping = collections.abc.Mapping  # what it asks for is gone since Python 3.10
    from shifterator import JSDivergenceShift
    from sklearn.feature_extraction.text import CountVectorizer

    mpl.use("Agg")
    stages = Stages()
    vectorizer = CountVectorizer(ngram_range=NGRAMS, min_df=MIN_DOCUMENTS)
    counts = vectorizer.fit_transform(material.texts).tocsr()
    here = np.array(material.sources) == material.largest
    terms = vectorizer.get_feature_names_out()
    one, other = (
        {term: int(number) for term, number in zip(terms, counts[rows].sum(axis=0).A1, strict=True) if number}
        for rows in (here, ~here)
    )
    stages.end("count", terms=len(terms))
    shift = JSDivergenceShift(one, other)
    shift.get_shift_scores()
    stages.end("scores", comparisons=1)
    shift.get_shift_graph(show_plot=False)
    stages.end("graph")
    return stages


PEERS = {
    "scattertext": scattertext,
    "scattertext-unpruned": scattertext_unpruned,
    "scattertext-all": scattertext_all,
    "scattertext-html": scattertext_html,
    "convokit": convokit,
    "shifterator": shifterator,
}

if __name__ == "__main__":
    main()
