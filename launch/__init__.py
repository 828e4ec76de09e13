"""One command to try Porte-voix: set-up, servers, processes, a mail catcher."""
