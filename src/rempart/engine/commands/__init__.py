"""``rempart hash`` and ``rempart index``: the engine on the terminal."""
