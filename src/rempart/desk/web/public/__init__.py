"""The public door: report, protect my image, follow my case, find help. No sign-in, no JavaScript needed."""
