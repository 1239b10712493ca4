print "pytauri"
