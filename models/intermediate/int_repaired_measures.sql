{{ measures('repaired_') }}
