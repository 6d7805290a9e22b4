from tests.engine.video.peer import peer_fixture

__all__ = ["peer_fixture"]
