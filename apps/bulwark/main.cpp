// The composition root: parses the command line and hands over to one file per command.
int main() { return 0; }
