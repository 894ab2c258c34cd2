"""Where a run is recorded. MLflow is imported in `mlflow_tracker.py` and nowhere else."""
