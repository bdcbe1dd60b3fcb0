"""Train the churn model, write it and its metrics, and log the run to MLflow when asked."""

import argparse
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import skops.io
import yaml
from sklearn import metrics
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

NUMERIC = [
    "tenure_months",
    "monthly_charges",
    "total_charges",
    "support_calls",
    "data_usage_gb",
    "senior",
]
CATEGORICAL = ["contract", "payment_method", "internet_service", "paperless_billing"]
TARGET = "churned"
# skops refuses types that it does not know; these two hold data only.
TRUSTED_TYPES = [
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
]


def load_data(path: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Read the CSV file and return the inputs and the target."""
    frame = pd.read_csv(path)
    # Float even where whole: an integer column cannot hold the missing values that serving allows.
    inputs = frame[NUMERIC + CATEGORICAL].astype(dict.fromkeys(NUMERIC, "float64"))
    return inputs, frame[TARGET]


def build_pipeline(params: dict[str, Any]) -> Pipeline:
    """Build the untrained pipeline that the params ask for."""
    kind, seed = params["model"], params["seed"]
    if kind not in ("logistic", "boosting"):
        raise ValueError(f"train.model must be logistic or boosting, not {kind!r}")
    prepare = ColumnTransformer(
        [
            (
                "numeric",
                make_pipeline(
                    SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
                ),
                NUMERIC,
            ),
            (
                "categorical",
                make_pipeline(
                    SimpleImputer(strategy="constant", fill_value="missing"),
                    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ),
                CATEGORICAL,
            ),
        ]
    )
    classifier = {"logistic": LogisticRegression, "boosting": HistGradientBoostingClassifier}[kind]
    return Pipeline(
        [("prepare", prepare), ("classify", classifier(random_state=seed, **params[kind]))]
    )


def evaluate(
    model: Pipeline, inputs: pd.DataFrame, target: pd.Series, threshold: float
) -> dict[str, float]:
    """Score the model on data that it has not seen."""
    probability = model.predict_proba(inputs)[:, 1]
    predicted = probability >= threshold
    scores = {
        "roc_auc": metrics.roc_auc_score(target, probability),
        "average_precision": metrics.average_precision_score(target, probability),
        "brier": metrics.brier_score_loss(target, probability),
        "log_loss": metrics.log_loss(target, probability),
        "accuracy": metrics.accuracy_score(target, predicted),
        "precision": metrics.precision_score(target, predicted, zero_division=0),
        "recall": metrics.recall_score(target, predicted, zero_division=0),
        "f1": metrics.f1_score(target, predicted, zero_division=0),
    }
    rounded = {name: round(float(score), 6) for name, score in scores.items()}
    return rounded | {"rows": len(target), "positives": int(target.sum())}


def train(
    inputs: pd.DataFrame, target: pd.Series, params: dict[str, Any]
) -> tuple[Pipeline, dict[str, float]]:
    """Fit on one part of the data and evaluate on the rest."""
    train_x, test_x, train_y, test_y = train_test_split(
        inputs,
        target,
        test_size=params["test_size"],
        random_state=params["seed"],
        stratify=target,
    )
    # One thread: the same sums in the same order everywhere, and no waiting on a busy machine.
    with threadpool_limits(1):
        model = build_pipeline(params).fit(train_x, train_y)
        return model, evaluate(model, test_x, test_y, params["threshold"])


def save(model: Pipeline, threshold: float, folder: Path) -> None:
    """Write the model in a format that runs no code on load, and the threshold beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    skops.io.dump(model, folder / "model.skops")
    write_json({"threshold": threshold}, folder / "model.json")


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write JSON with sorted keys, so that two equal runs give equal files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def git_commit() -> str:
    """Return the commit of the working directory, or "none" outside a repository."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--verify", "HEAD"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "none"
    return done.stdout.strip()


def used_params(params: dict[str, Any]) -> dict[str, Any]:
    """Flatten the params, without those of the model that was not trained."""
    common = {name: value for name, value in params.items() if not isinstance(value, dict)}
    return common | params[params["model"]]


def log_run(
    experiment: str,
    register: str | None,
    params: dict[str, Any],
    data: Path,
    model: Pipeline,
    scores: dict[str, float],
    inputs: pd.DataFrame,
) -> str:
    """Log the run and its model to MLflow and return the run id."""
    # Imported here, because training alone should not pay for it.
    import mlflow
    from mlflow.models import infer_signature

    example = inputs.head(3)
    mlflow.set_experiment(experiment)
    with mlflow.start_run() as run:
        mlflow.log_params(used_params(params))
        mlflow.log_metrics(scores)
        mlflow.set_tag("git_commit", git_commit())
        mlflow.set_tag("data_md5", hashlib.md5(data.read_bytes()).hexdigest())
        mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(example, model.predict(example)),
            input_example=example,
            registered_model_name=register,
            skops_trusted_types=TRUSTED_TYPES,
            metadata={"threshold": params["threshold"]},
            pip_requirements=str(Path(__file__).with_name("requirements.txt")),
        )
    return str(run.info.run_id)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    parser.add_argument("--data", type=Path, default=Path("data/churn.csv"))
    parser.add_argument("--out", type=Path, default=Path("models"), help="folder of the model")
    parser.add_argument("--metrics", type=Path, default=Path("metrics.json"))
    parser.add_argument("--experiment", metavar="NAME", help="log the run to MLflow under NAME")
    parser.add_argument("--register", metavar="MODEL_NAME", help="needs --experiment")
    args = parser.parse_args(argv)
    if args.register and not args.experiment:
        parser.error("--register needs --experiment")
    return args


def main(argv: list[str] | None = None) -> None:
    """Train, write the model and its metrics, and log them when asked."""
    args = parse_args(argv)
    params: dict[str, Any] = yaml.safe_load(args.params.read_text(encoding="utf-8"))["train"]
    inputs, target = load_data(args.data)
    model, scores = train(inputs, target, params)
    save(model, params["threshold"], args.out)
    write_json(scores, args.metrics)
    print(f"{params['model']}: roc_auc {scores['roc_auc']:.4f}, accuracy {scores['accuracy']:.4f}")
    if args.experiment:
        run_id = log_run(args.experiment, args.register, params, args.data, model, scores, inputs)
        print(f"run id {run_id}")


if __name__ == "__main__":
    main()
