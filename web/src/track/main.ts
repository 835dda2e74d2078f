import "../styles/tokens.css";
import "../styles/base.css";

import { mount } from "svelte";

import Track from "./Track.svelte";

mount(Track, { target: document.getElementById("app")! });
