from tina import cli
from tina.zoo.build import main

cli.guard(main)
