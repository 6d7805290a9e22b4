"""The rehearsal: invented hosts and people, a mail catcher, a guided tour. Nothing in it is true; nothing leaves the machine."""
