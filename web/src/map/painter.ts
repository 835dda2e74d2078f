import { CELL_PX, cellOrigin, cellShare, type Atlas } from "./sprites";

/** Numbers of one marker in the buffer: x, y (CSS px), rotation (rad), scale, opacity, sprite index. */
export const STRIDE = 6;

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Draws many markers at once over the streets. */
export interface Painter {
  setAtlas(atlas: Atlas): void;
  resize(widthPx: number, heightPx: number, density: number): void;
  draw(markers: Float32Array, count: number): void;
}

/**
 * WebGL2 where a graphics card draws it, else Canvas 2D.
 *
 * Software WebGL copies the whole canvas back for every frame: with 120 riders on two cores the page came to
 * 20 frames a second with it and to 45 with Canvas 2D.
 */
export function createPainter(canvas: HTMLCanvasElement): Painter {
  if (!hasGraphicsCard()) return new CanvasPainter(canvas);
  const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, premultipliedAlpha: true });
  return (gl && GlPainter.create(gl)) ?? new CanvasPainter(canvas);
}

/** Ask a scratch canvas: a canvas that has ever had one kind of context gets no other. */
function hasGraphicsCard(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (gl === null || GlPainter.create(gl) === null) return false;
  // Chromium does not count its own software renderer as a caveat.
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(renderer);
}

const VERTEX = `#version 300 es
layout(location = 0) in vec2 corner;
layout(location = 1) in vec4 placed;
layout(location = 2) in vec2 look;
uniform vec2 viewport;
uniform float cell;
uniform vec2 grid;
out vec2 uv;
out float opacity;
void main() {
  float c = cos(placed.z), s = sin(placed.z);
  vec2 offset = mat2(c, s, -s, c) * (corner - 0.5) * cell * placed.w;
  vec2 at = (placed.xy + offset) / viewport * 2.0 - 1.0;
  gl_Position = vec4(at.x, -at.y, 0.0, 1.0);
  float column = mod(look.y, grid.x);
  uv = (vec2(column, floor(look.y / grid.x)) + corner) / grid;
  opacity = look.x;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D atlas;
in vec2 uv;
in float opacity;
out vec4 color;
void main() { color = texture(atlas, uv) * opacity; }`;

class GlPainter implements Painter {
  private readonly buffer: WebGLBuffer;
  private capacity = 0;
  private widthPx = 1;
  private heightPx = 1;

  private constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly program: WebGLProgram,
  ) {
    this.buffer = gl.createBuffer();
    gl.bindVertexArray(gl.createVertexArray());
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    for (const [location, size, offset] of [
      [1, 4, 0],
      [2, 2, 16],
    ] as const) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, size, gl.FLOAT, false, STRIDE * 4, offset);
      gl.vertexAttribDivisor(location, 1);
    }
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const { du, dv } = cellShare(0);
    gl.uniform2f(gl.getUniformLocation(program, "grid"), Math.round(1 / du), Math.round(1 / dv));
    gl.uniform1f(gl.getUniformLocation(program, "cell"), CELL_PX);
  }

  static create(gl: WebGL2RenderingContext): GlPainter | null {
    const program = gl.createProgram();
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(kind);
      if (shader === null) return null;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    return gl.getProgramParameter(program, gl.LINK_STATUS) === true ? new GlPainter(gl, program) : null;
  }

  setAtlas(atlas: Atlas): void {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, atlas.canvas);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }

  resize(widthPx: number, heightPx: number, density: number): void {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.gl.viewport(0, 0, Math.round(widthPx * density), Math.round(heightPx * density));
  }

  draw(markers: Float32Array, count: number): void {
    const { gl } = this;
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (count === 0) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    if (markers.byteLength > this.capacity) {
      gl.bufferData(gl.ARRAY_BUFFER, markers, gl.DYNAMIC_DRAW);
      this.capacity = markers.byteLength;
    } else gl.bufferSubData(gl.ARRAY_BUFFER, 0, markers, 0, count * STRIDE);
    gl.uniform2f(gl.getUniformLocation(this.program, "viewport"), this.widthPx, this.heightPx);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
  }
}

class CanvasPainter implements Painter {
  private readonly pen: CanvasRenderingContext2D;
  private atlas: Atlas | null = null;
  private density = 1;

  constructor(canvas: HTMLCanvasElement) {
    this.pen = canvas.getContext("2d")!;
  }

  setAtlas(atlas: Atlas): void {
    this.atlas = atlas;
  }

  resize(_widthPx: number, _heightPx: number, density: number): void {
    this.density = density;
  }

  draw(markers: Float32Array, count: number): void {
    const { pen, atlas, density } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, pen.canvas.width, pen.canvas.height);
    if (atlas === null) return;
    for (let i = 0; i < count; i += 1) {
      const [x, y, rotation, scale, opacity, sprite] = markers.subarray(i * STRIDE, (i + 1) * STRIDE) as unknown as
        [number, number, number, number, number, number];
      const from = cellOrigin(sprite, atlas.cellPx);
      pen.setTransform(density, 0, 0, density, x * density, y * density);
      pen.rotate(rotation);
      pen.globalAlpha = opacity;
      const size = CELL_PX * scale;
      pen.drawImage(atlas.canvas, from.x, from.y, atlas.cellPx, atlas.cellPx, -size / 2, -size / 2, size, size);
    }
    pen.globalAlpha = 1;
  }
}
