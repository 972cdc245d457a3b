{{ measures() }}
