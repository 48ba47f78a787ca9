"""What this process asks of the machine and the interpreter that it runs on."""
