"""Answers in the mailbox that only a case code opens."""
