import "../styles/tokens.css";
import "../styles/base.css";

import { mount } from "svelte";

import Dispatch from "./Dispatch.svelte";

mount(Dispatch, { target: document.getElementById("app")! });
