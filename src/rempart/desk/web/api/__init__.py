"""The door for programs of platforms: lists out, results in. It knows keys, not people: no page, no cookie, no session."""
