import sys

from tformance.project.main import main

sys.exit(main(sys.argv[1:]))
