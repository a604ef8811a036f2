"""The course as a folder of static files: pages to read (pages/), and what runs in a browser tab (lite/)."""
