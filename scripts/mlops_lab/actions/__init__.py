"""GitHub Actions on this machine: act runs the files, and what GitHub has around them is here."""
