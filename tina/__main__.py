from tina.cli import main

main()
