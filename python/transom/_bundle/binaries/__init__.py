"""What programs and libraries ask of the system: `elf` reads them, `libraries` names packages."""
