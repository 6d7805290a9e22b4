"""The doors of the matcher: an ASGI application for each worker process. It keeps no upload and writes down nothing of one."""
