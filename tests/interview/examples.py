"""A question like those of the bank."""

from mlops_lab.interview.bank import Entry


def entry(name: str) -> Entry:
    return Entry.model_validate(
        {
            "id": name,
            "level": "mid",
            "question": "What is it that is asked?",
            "answer": "words and " * 30,
            "key_points": ["one", "two", "three"],
            "follow_ups": [{"question": "And what comes then?", "answer": "That comes then."}],
            "trap": {"wrong": "The usual wrong words.", "why": "Because they are wrong."},
            "evidence": [{"lab": "02-dvc-s3", "cell": "push"}],
        }
    )
