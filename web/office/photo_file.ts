/** A photo from a camera or a file, on its way to the issuer: cut to four by five, and small enough for a slow network. */

const WIDTH = 320;
const HEIGHT = 400;
/** Where what is too high is cut: heads are above the middle. As in `issuer/portraits/pictures.py`, which has the last word. */
const TOWARDS_THE_TOP = 0.4;
const QUALITY = 0.9;

/** Throws where the file is no picture that this browser reads. */
export async function photoOf(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(picture.width / WIDTH, picture.height / HEIGHT);
  const [width, height] = [WIDTH * scale, HEIGHT * scale];
  const [left, top] = [(picture.width - width) / 2, (picture.height - height) * TOWARDS_THE_TOP];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.drawImage(picture, left, top, width, height, 0, 0, WIDTH, HEIGHT);
  picture.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob((made) => (made === null ? reject(new Error("no JPEG")) : resolve(made)), "image/jpeg", QUALITY),
  );
}
