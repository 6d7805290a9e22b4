"""The processes of a matcher: one that subscribes and tells, several that answer; started, watched, stopped together."""
