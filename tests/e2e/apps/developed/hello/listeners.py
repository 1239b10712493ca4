from transom import Event


def on_ping(event: Event) -> None:
    print("ping one", flush=True)
