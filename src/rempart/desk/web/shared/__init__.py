"""What the doors have in common: the look, the headers, the languages, and the rule that a page is private unless marked public."""
