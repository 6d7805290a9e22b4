"""What the terminal shows once a rehearsal runs: where to go, and as whom."""

from datetime import UTC, datetime

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from rempart.desk.registers.installation.config import Config
from rempart.desk.rehearsal.people import PASSWORD, PLAYERS


def greet(console: Console, config: Config) -> None:
    """Addresses and sign-ins in one box."""
    table = Table.grid(padding=(0, 2))
    world = f"http://127.0.0.1:{config.rehearsal_port}"
    for words, value in (
        ("Guided tour (begin here)", f"{world}/"),
        ("The desk, public door", f"{config.public_url}/"),
        ("The desk, console", f"{config.public_url}/console/"),
        ("Mail that was sent", f"{world}/en/mail/"),
        ("", ""),
        ("Password of everybody", PASSWORD),
    ):
        table.add_row(words, f"[bold]{value}[/bold]" if value else "")
    now = datetime.now(UTC)
    for player in PLAYERS:
        table.add_row(
            f"{player.role.value}",
            f"[bold]{player.sign_in_name}[/bold]  ({player.display_name}), six digits now: {player.code_at(now)}",
        )
    table.add_row("", "The six digits change every 30 seconds: the guided tour shows them.")
    title = "Rehearsal: everything is invented, nothing leaves this machine"
    console.print(
        Panel(table, title=title, subtitle="Ctrl-C stops it; the next start takes seconds", padding=(1, 2), expand=False)
    )
