"""Quality of dispatch: the public Grubhub days for every policy, with all riders and with fewer."""
