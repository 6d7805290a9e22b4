"""What should happen. Pure Python: values in, values out; no framework, network, database, clock or chance."""
