"""Runs in MLflow, on `MlflowClient`: no autologging, no global active run."""

import logging
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# MLflow retries for minutes by default; a run that cannot be recorded should say so at once.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param
from mlflow.exceptions import MlflowException

from framing.core.errors import FramingError
from framing.tracking.tracker import DataFile, RunDescription, Status

NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_\-. :/]")
"""What MLflow refuses in the name of a metric, such as the brackets in the name of a source."""

PARAMETERS_AT_ONCE = 100
PARAMETER_LENGTH = 6000
SWEEP = "framing.sweep"
MODEL_TRAINING = {"mlflow.experimentKind": "custom_model_development"}
"""Makes the UI open on runs and metrics rather than on traces."""
MODEL = "model"
"""Folder of the model in a run's artifacts."""
REGISTERED = "models:/"
OTHER_TRACKING = (
    "Start the server or correct tracking.uri; tracking.on_error=local keeps the run in mlruns/ instead, "
    "tracking=none keeps only its folder under outputs/."
)
ANOTHER_STORE = "Start the server, correct tracking.uri=..., or give the folder of the model: model=FOLDER."
DEFAULT_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}


class MlflowTracker:
    """Records one run in an MLflow store: SQLite in a folder, a database server or a tracking server."""

    def __init__(
        self, *, uri: str, artifacts: str, experiment: str, timeout: float, local: str | None
    ) -> None:
        """Connect to the store.

        Args:
            uri: the store, such as `sqlite:////folder/mlflow.db` or `http://host:5000`.
            artifacts: folder for the files of the runs; a tracking server uses its own.
            experiment: name of the MLflow experiment; made if it is not there.
            timeout: seconds to wait for a server's answer.
            local: store to use when `uri` cannot be reached; None to fail then.

        Raises:
            FramingError: the store cannot be reached and `local` is None.
        """
        self.artifacts = artifacts
        self.experiment = experiment
        self.local = local
        self.run_id = ""
        self.parent_id: str | None = None
        self._done: list[Callable[[], object]] = []
        try:
            self._connect(uri, timeout)
        except FramingError as error:
            if local is None:
                raise
            print(f"{error}\nKeeping this run in the local store {local}.", file=sys.stderr)
            self.local = None
            self._connect(local, timeout)

    def _connect(self, uri: str, timeout: float) -> None:
        self.uri = uri
        with _unreachable(uri):
            _knock(uri, timeout)
            _make_folder(uri)
            with _quiet():
                self.client = MlflowClient(tracking_uri=uri)
                found = self.client.get_experiment_by_name(self.experiment)
                if found is None:
                    location = None if uri.startswith("http") else self._artifact_location()
                    self.experiment_id = self.client.create_experiment(
                        self.experiment, location, MODEL_TRAINING
                    )
                else:
                    self.experiment_id = found.experiment_id

    def _artifact_location(self) -> str:
        if "://" in self.artifacts:
            return self.artifacts
        return Path(self.artifacts).absolute().as_uri()

    def start(self, run: RunDescription) -> None:
        self._record(lambda: self._start(run))

    def _start(self, run: RunDescription) -> None:
        tags = dict(run.tags)
        if run.sweep is not None:
            self.parent_id = self._sweep_parent(run.sweep)
            tags["mlflow.parentRunId"] = self.parent_id
        self.run_id = self.client.create_run(self.experiment_id, tags=tags, run_name=run.name).info.run_id
        parameters = [Param(key, str(value)[:PARAMETER_LENGTH]) for key, value in run.parameters.items()]
        for first in range(0, len(parameters), PARAMETERS_AT_ONCE):
            self.client.log_batch(self.run_id, params=parameters[first : first + PARAMETERS_AT_ONCE])

    def _sweep_parent(self, sweep: str) -> str:
        """Return the run that the runs of this sweep stand under; the first run of the sweep makes it."""
        folder, _, command = sweep.partition("\n")
        name = folder.replace("'", "")
        found = self.client.search_runs([self.experiment_id], f"tags.`{SWEEP}` = '{name}'", max_results=1)
        if found:
            self.client.update_run(found[0].info.run_id, status="RUNNING")
            return str(found[0].info.run_id)
        tags = {SWEEP: name, "mlflow.note.content": f"Sweep: `{command}`"}
        return str(
            self.client.create_run(self.experiment_id, tags=tags, run_name=f"sweep {command}").info.run_id
        )

    def data(self, files: list[DataFile]) -> None:
        inputs = [
            DatasetInput(
                Dataset(file.name, file.sha256[:36], "local", Path(file.path).absolute().as_uri()),
                [InputTag("mlflow.data.context", "training")],
            )
            for file in files
        ]
        self._record(lambda: self.client.log_inputs(self.run_id, inputs))

    def metrics(self, values: Mapping[str, float]) -> None:
        now = time.time_ns() // 1_000_000
        metrics = [Metric(NOT_IN_A_NAME.sub("_", key), value, now, 0) for key, value in values.items()]
        self._record(lambda: self.client.log_batch(self.run_id, metrics=metrics))

    def files(self, folder: Path) -> None:
        self._record(lambda: self.client.log_artifacts(self.run_id, str(folder)))

    def finish(self, status: Status) -> None:
        self._record(lambda: self._finish(status))

    def _finish(self, status: Status) -> None:
        self.client.set_terminated(self.run_id, status.value)
        if self.parent_id is None:
            return
        if status is not Status.finished:
            self.client.set_tag(self.parent_id, "framing.failed_run", self.run_id)
        failed = "framing.failed_run" in self.client.get_run(self.parent_id).data.tags
        self.client.set_terminated(self.parent_id, (Status.failed if failed else Status.finished).value)

    def _record(self, step: Callable[[], object]) -> None:
        """Do one step; if the server has gone, do all steps so far in the local store, if one is set."""
        try:
            with _unreachable(self.uri):
                step()
            self._done.append(step)
        except FramingError as error:
            if self.local is None:
                raise
            print(f"{error}\nKeeping this run in the local store {self.local}.", file=sys.stderr)
            local, self.local = self.local, None
            self._connect(local, timeout=0)
            for earlier in [*self._done, step]:
                self._record(earlier)

    def where(self) -> list[str]:
        if self.uri.startswith("http"):
            look = f"{self.uri}/#/experiments/{self.experiment_id}/runs/{self.run_id}"
        elif self.uri.endswith("mlruns/mlflow.db"):
            look = "make ui"
        else:
            look = f"mlflow ui --backend-store-uri {self.uri}"
        return [f"MLflow run  {self.run_id}", f"open the UI {look}"]


def download_model(name: str, uri: str, timeout: float, folder: Path) -> Path:
    """Copy the model of a run into a folder and return where it is.

    Args:
        name: id of a run, or `models:/NAME@ALIAS` or `models:/NAME/VERSION` of the model registry.
        uri: the store that knows it.
        timeout: seconds to wait for a server's answer.
        folder: where the copy is made.

    Raises:
        FramingError: the store is away, it knows no such run or version, or the run has no model.
    """
    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).exists():
        raise FramingError(f"tracking.uri={uri}: there is no such store. {ANOTHER_STORE}")
    with _unreachable(uri, ANOTHER_STORE):
        _knock(uri, timeout)
        with _quiet():
            client = MlflowClient(tracking_uri=uri)
            try:
                run, path = _run_of(client, name) if name.startswith(REGISTERED) else (name, MODEL)
                found = client.list_artifacts(run, path)
            except MlflowException as error:
                if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                    raise
                reason = str(error).strip().split("\n")[0]
                raise FramingError(
                    f"model={name}: the store {_without_password(uri)} does not know it ({reason}). "
                    f"Give the id of a run that it knows. {ANOTHER_STORE}"
                ) from error
            if not found:
                raise FramingError(
                    f"model={name}: run {run} has no model in it (no files under `{path}`). Choose a run of "
                    "framing.train that finished."
                )
            return Path(client.download_artifacts(run, path, str(folder)))


def _run_of(client: MlflowClient, name: str) -> tuple[str, str]:
    """Return the run that a registered model comes from, and the folder in the run's artifacts."""
    model, at, alias = name.removeprefix(REGISTERED).rpartition("@")
    if at:
        version = client.get_model_version_by_alias(model, alias)
    else:
        model, _, number = name.removeprefix(REGISTERED).rpartition("/")
        if not model or not number.isdecimal():
            raise FramingError(f"model={name}: expected models:/NAME@ALIAS or models:/NAME/VERSION.")
        version = client.get_model_version(model, number)
    if not version.run_id:
        raise FramingError(f"model={name}: was registered without a run. Give the folder of the model.")
    start = f"runs:/{version.run_id}/"
    source = str(version.source)
    return version.run_id, source.removeprefix(start) if source.startswith(start) else MODEL


@contextmanager
def _unreachable(uri: str, cure: str = OTHER_TRACKING) -> Iterator[None]:
    """Turn whatever a missing server raises into one clear error."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError, ImportError) as error:
        reason = str(error).strip().split("\n")[0]
        raise FramingError(
            f"tracking.uri={_without_password(uri)}: the tracking store cannot be used ({reason}). {cure}"
        ) from error


def _without_password(uri: str) -> str:
    password = urlsplit(uri).password
    return uri.replace(f":{password}@", ":***@") if password else uri


def _knock(uri: str, timeout: float) -> None:
    """Raise OSError unless something listens where the URI points; files need no knock."""
    parts = urlsplit(uri)
    if parts.hostname is not None and timeout > 0:
        port = parts.port or DEFAULT_PORTS.get(parts.scheme.split("+")[0], 80)
        socket.create_connection((parts.hostname, port), timeout=timeout).close()


def _make_folder(uri: str) -> None:
    if uri.startswith("sqlite:///"):
        Path(uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the migrations of a new store, some 50 log lines, off the console."""
    loggers: list[Any] = [logging.getLogger(name) for name in ("alembic", "mlflow.store.db.utils")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
