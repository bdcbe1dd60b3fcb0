"""The drill in the browser: its page, and the script that has all questions and the scheduler."""
