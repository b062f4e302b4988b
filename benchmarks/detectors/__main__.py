import sys

from benchmarks.detectors import main

sys.exit(main())
