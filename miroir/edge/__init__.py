"""Every socket, file, thread and clock: nothing above opens one."""
