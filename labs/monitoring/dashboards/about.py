"""What each panel shows, by its title: for who points at it."""

ABOUT = {
    # Model service
    "Errors in an hour": "The share of answers with status 500 or above. A month may have 0.5 %.",
    "Within 0.5 s": "The share of answers, over all that is shown. Over a month 95 % are promised.",
    "Slowest of 100": "p99 over all that is shown: a guess between two bounds of the histogram, "
    "and never above its last, 5 s.",
    "Answers": "Answers a second, errors too.",
    "Answers by code": "Answers a second, by HTTP status.",
    "Errors": "The share of five minutes that ModelErrorsHigh looks at. Dashed: its limit.",
    "An answer takes": "In the server. Dashed: the limits of ModelLatencyHigh for p95, and of "
    "ModelLatencyTail for p99.",
    "Callers wait": "As callers measure it, with network and queues. High here and not in the "
    "server: look between them.",
    "Time spent computing": "Of each second, in the model, on average over the replicas. Above "
    "the dashed line requests queue: ModelSaturated.",
    "Replicas": "Those that Prometheus reached at its last scrape.",
    "Memory": "Resident memory of each replica.",
    # Model data
    "Largest shift of a feature": "The highest PSI of a day against training. Red where "
    "ModelInputDrift speaks.",
    "Shift of the predictions": "PSI of the predicted probabilities. Red where "
    "ModelPredictionDrift speaks.",
    "Right less often than promised, by": "Training's accuracy less a day's, where the truth has "
    "come. Red where ModelAccuracyLow speaks.",
    "Rows": "What a day's figures rest on. With few rows, PSI is high by chance.",
    "Shift": "PSI of a day against training, of each feature and of the predictions.",
    "Predictions by bin, 1 is as in training": "How often each tenth of the probability came, "
    "against how often it did in training.",
    "Sure, and right": "What the model claims, what came true, and what training promised. Sure "
    "and wrong is the trouble.",
    # Machine
    "Memory left": "What programs can still get without swapping. NodeMemoryLow begins at 10 %.",
    "Disk left": "On the fullest file system. NodeDiskFull begins at 5 %.",
    "Processors busy": "The share of five minutes that NodeCPUHigh looks at. Its limit is 90 %.",
    "Tasks for a processor": "Those that run or could, over five minutes. Above 1 some "
    "wait; NodeCPUSaturated begins at 8.",
    "Network": "Bytes a second, by interface.",
    "Disk": "Bytes a second, by device.",
}
