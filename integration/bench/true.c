/* What every candidate runs. */
int main(void) { return 0; }
