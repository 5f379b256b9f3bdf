// purpose: A number of seconds (seconds) as text, such as 1d 2h 30min.
toString(seconds / 86400) + 'd ' + toString(seconds % 86400 / 3600) + 'h ' + toString(seconds % 3600 / 60) + 'min'
