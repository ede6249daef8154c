#!/bin/sh
# One sentence by every voice of every version of text_to_speech, as files in a folder, to listen to.
#   examples/voices.sh URL CLIENT_ID ACCESS_TOKEN [FOLDER]
set -eu
url=$1 user=$2:$3 folder=${4:-voices}
mkdir -p "$folder"

sentence() {
    case $1 in
        de-*) echo "Guten Tag! Heute ist es warm, und die Sonne scheint." ;;
        es-*) echo "¡Buenos días! Hoy hace calor y brilla el sol." ;;
        fr-*) echo "Bonjour ! Aujourd'hui il fait chaud, et le soleil brille." ;;
        it-*) echo "Buongiorno! Oggi fa caldo e splende il sole." ;;
        *) echo "Good morning! It is warm today, and the sun is out." ;;
    esac
}

for version in 1 2 3; do
    curl -fsS -u "$user" "$url/services/text_to_speech/$version/voices" 2>/dev/null |
        python3 -c 'import json, sys; [print(v["lang"], v["name"]) for v in json.load(sys.stdin)["voices"]]' |
        while read -r lang name; do
            file=$folder/$version-$lang-$name.wav
            python3 -c 'import json, sys; print(json.dumps(dict(zip(("model", "voice", "response_format", "input"), sys.argv[1:]))))' \
                "text_to_speech-$version" "$lang-$name" wav "$(sentence "$lang")" |
                curl -fsS -u "$user" -H 'Content-Type: application/json' -d @- -o "$file" "$url/v1/audio/speech"
            echo "$file"
        done || echo "version $version is not offered here"
done
