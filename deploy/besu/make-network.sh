#!/bin/sh
# NOT RUN IN CI: it needs Docker and Besu's image.
#
# Makes ./network: four validators' keys, and the genesis whose extraData names them, all by Besu's own tool; then the
# list of the nodes' addresses, as compose.yaml gives them. It never overwrites a network that is there.
set -eu
cd "$(dirname "$0")"
: "${BESU_VERSION:?choose a release of hyperledger/besu, and pin it}"
if [ -e network ]; then
  echo "There is a network here already; its keys are not replaced." >&2
  exit 1
fi
umask 077
work=$(mktemp -d ./making.XXXXXX)
trap 'rm -rf "$work"' EXIT
docker run --rm --user "$(id -u):$(id -g)" \
  -v "$PWD/qbft-config.json:/config.json:ro" -v "$PWD/$work:/out" "hyperledger/besu:$BESU_VERSION" \
  operator generate-blockchain-config --config-file=/config.json --to=/out/files --private-key-file-name=key

mkdir -p "$work/network/shared"
cp "$work/files/genesis.json" "$work/network/shared/genesis.json"
number=0
enodes=
for folder in "$work"/files/keys/0x*; do
  number=$((number + 1))
  mkdir "$work/network/node-$number"
  cp "$folder/key" "$folder/key.pub" "$work/network/node-$number/"
  public=$(sed 's/^0x//' "$folder/key.pub")
  enodes="$enodes${enodes:+,
 } \"enode://$public@172.29.0.1$number:30303\""
done
[ "$number" -eq 4 ] || { echo "Besu made $number keys, not 4." >&2; exit 1; }
printf '[\n %s\n]\n' "$enodes" > "$work/network/shared/static-nodes.json"
mv "$work/network" network
chmod 755 network/shared && chmod 644 network/shared/*
echo "The network's files are in $PWD/network; network/node-N/key are secrets."
