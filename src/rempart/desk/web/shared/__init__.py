"""What the doors share: the look, the headers, the languages, the limits; and a page is private unless marked public."""
