untrusted comment: signature from minisign secret key
RUQvqk6M6+j+21U21nHLxUuEBtJo7icUor43Iwtzn5Y0PLE/IZ6zsOkveJOMGBkfLWQCkw2mYI6F3N+cWUGQ2cwSBp5m7TC/mA8=
trusted comment: timestamp:1	version:1.2.3
qr9+FkXXk19uQwLO1lMQaV3zwhSt4EUiDogaZyQEkDZpBpuGCSAOcHMRG1RZttQ9Jl9xdrMm5jPQ8J+4ETfZDg==
