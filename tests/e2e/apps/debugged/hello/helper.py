def name() -> str:
    return "helped"
