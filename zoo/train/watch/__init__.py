"""What training keeps an eye on, and when it ends early."""
