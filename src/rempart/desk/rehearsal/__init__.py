"""The rehearsal: invented hosts, mailboxes and people on 127.0.0.1, to learn, to demonstrate and to test."""
