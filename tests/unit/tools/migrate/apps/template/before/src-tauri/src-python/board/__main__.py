from multiprocessing import freeze_support

from board import main

if __name__ == "__main__":
    freeze_support()
    raise SystemExit(main())
