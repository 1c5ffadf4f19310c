import { equal, ok } from "/tests/browser/assert.js";
import { FrameLoop } from "/web/draw/loop.js";

const frames = (count) =>
  new Promise((done) => {
    const next = () => (count-- > 0 ? requestAnimationFrame(next) : done(undefined));
    next();
  });

export async function it_draws_while_it_is_wanted_and_not_a_frame_longer() {
  let drawn = 0;
  const loop = new FrameLoop(() => (drawn += 1), 30);
  await frames(3);
  equal(drawn, 0);
  loop.run(true);
  await frames(20);
  ok(drawn > 0 && drawn <= 11, `${drawn} of 20 frames`);
  loop.run(false);
  drawn = 0;
  await frames(5);
  equal(drawn, 0);
}
